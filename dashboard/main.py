"""The script of every session: reads the URL, draws the menu and the shared pickers, runs the page."""

import streamlit as st

from dashboard import formatting
from dashboard.screens.controls import menu_bar, pickers
from dashboard.screens.live import follow, fragments
from dashboard.settings import HERE
from dashboard.view import navigation, session

ASSETS = HERE / "assets"

st.set_page_config(page_icon=str(ASSETS / "favicon.png"), layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "mark.svg"))
st.html(ASSETS / "style.css")

page = st.navigation([navigation.streamlit_page(p) for p in navigation.PAGES], position="hidden")
name = page.url_path or navigation.HOME
problems = session.start(name, navigation.info(name).fields, stay=name != navigation.HOME)
now = session.current()
st.set_page_config(navigation.browser_title(name, now))
menu_bar.draw(now)
for problem in problems:
    st.warning(f"Part of the link was ignored: {formatting.md(problem, 300)}.", icon=":material/link_off:")
fragments.begin()
follow.follow(name)
with st.sidebar:
    fragments.part("pickers", lambda: pickers.draw(navigation.info(name).pickers, session.current()))

page.run()

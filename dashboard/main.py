"""The script of every session: the link in, the menu, the shared pickers, the page."""

import streamlit as st

from dashboard import menu, pickers, session, text
from dashboard.live import follow, parts
from dashboard.settings import HERE

ASSETS = HERE / "assets"

st.set_page_config(page_icon=str(ASSETS / "favicon.png"), layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "mark.svg"))
st.html(ASSETS / "style.css")

page = st.navigation([menu.streamlit_page(p) for p in menu.PAGES], position="hidden")
name = page.url_path or menu.HOME
problems = session.start(name, menu.info(name).fields, stay=name != menu.HOME)
now = session.current()
st.set_page_config(menu.browser_title(name, now))
menu.draw(now)
for problem in problems:
    st.warning(f"Part of the link was ignored: {text.md(problem, 300)}.", icon=":material/link_off:")
parts.begin()
follow.follow(name)
with st.sidebar:
    parts.part("pickers", lambda: pickers.draw(menu.info(name).pickers, session.current()))

page.run()

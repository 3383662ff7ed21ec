"""The server: `streamlit run app.py -- --runs FOLDER`."""

import streamlit as st

from dashboard.lifespan import lifespan
from dashboard.web.request_guard import MIDDLEWARE
from dashboard.web.routes import ROUTES

# Streamlit finds the server by reading this file: the call must stand here, literally.
app = st.App("dashboard/main.py", routes=ROUTES, middleware=MIDDLEWARE, lifespan=lifespan)

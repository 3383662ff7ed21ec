"""The dashboard: reads run folders and shows them. It never imports keras or tensorflow.

Start it with `proofsheet FOLDER`, or with `streamlit run app.py -- --runs FOLDER` in a clone.
"""

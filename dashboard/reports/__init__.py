"""What a page or a route shows, put together from SQL and analysis. No HTTP and no Streamlit widgets."""

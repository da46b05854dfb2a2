"""Parts that every page uses: the URL, clicks on charts, lessons, exports, links to other pages."""

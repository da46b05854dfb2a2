"""Elements that pages share: the URL, clicks on charts, exports, the stage, links to other pages."""

"""Elements that pages share: figures, grids of images, exports, links, the stage, the browser's history."""

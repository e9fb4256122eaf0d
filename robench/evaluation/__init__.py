"""From a network and cells of images to one bit per image: right or wrong."""

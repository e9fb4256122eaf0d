"""What networks see: clean images, augmentation, and the corrupted sets made from them."""

"""Options that make the built-in models small."""

SMALL = {
    "cnn-small": {"width": 4},
    "mlp": {"width": 16},
    "resnet18": {"width": 4},
    "resnet20": {"width": 4},
    "resnet34": {"width": 4},
    "timm": {"variant": "test_resnet"},
    "vgg16": {"width": 4},
    "vit-tiny": {"width": 12, "depth": 2},
}

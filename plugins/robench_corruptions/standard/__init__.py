"""The 19 corruptions of ImageNet-C and CIFAR-10-C (arXiv:1903.12261), and frost without photographs."""

"""What tests of several rooms share: records, networks, distributions, a web server."""

"""A simulated Azure Resource Manager for the real Azure CLI, on the loopback interface only."""

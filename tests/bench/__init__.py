"""How fast Sheepbot is: each measure beside the least that the platform allows and beside a naive peer."""

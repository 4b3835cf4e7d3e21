"""What passing a request on costs: pisang against nginx, LiteLLM, Portkey and a bare relay.

Everything runs on loopback in one run: a stand-in for Google (``stub.c``) and a driver
(``driver.c``) share one processor, the gateway that is measured has the other for itself.
"""

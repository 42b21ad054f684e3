#!/usr/bin/env python3
"""100 reconnects of a till to a real centre: how many resume their TLS session. See reconnect_client.c."""
import os
import subprocess
import sys

from bench import BUILD, Centre


def main():
    centre = Centre(sys.argv[1])
    try:
        centre.start_centre()
        till = centre.enrol(centre.new_store([{"codes": ["9520000010072"], "name": "Article", "price_minor": 100}]), "Till 1")
        subprocess.run([os.path.join(BUILD, "bench", "reconnect_client"), till], check=True)
    finally:
        centre.close()


main()

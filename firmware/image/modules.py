#!/usr/bin/env python3
"""modules.py FROM LIST SECTION TO: copies the kernel's drivers that a section of LIST names, and what they need, from the
module folder FROM to TO/lib/modules/VERSION; says their paths in the order in which they are loaded.

A name that the kernel has neither as a module nor built in is a mistake of the list.
"""
import os
import re
import shutil
import sys


def name_of(path):
    return os.path.basename(path).split(".ko")[0].replace("-", "_")


def read_list(path, section):
    names, here = [], False
    with open(path, encoding="ascii") as file:
        for line in file:
            line = line.split("#")[0].strip()
            if line.startswith("["):
                here = line == f"[{section}]"
            elif line and here:
                names.append(line)
    return names


def read_needs(folder):
    """Path of each module -> paths of what must be loaded before, and the paths by name."""
    needs = {}
    with open(os.path.join(folder, "modules.dep"), encoding="ascii") as file:
        for line in file:
            path, others = line.split(":")
            needs[path] = others.split()
    soft = {}
    with open(os.path.join(folder, "modules.softdep"), encoding="ascii") as file:
        for line in file:
            found = re.match(r"softdep (\S+) pre: (.*)", line)
            if found:
                soft.setdefault(found[1].replace("-", "_"), []).extend(found[2].replace("-", "_").split())
    return needs, {name_of(path): path for path in needs}, soft


def in_order(names, folder):
    needs, by_name, soft = read_needs(folder)
    with open(os.path.join(folder, "modules.builtin"), encoding="ascii") as file:
        builtin = {name_of(line.strip()) for line in file}
    order = []

    def add(path):
        if path in order:
            return
        for other in soft.get(name_of(path), ()):
            if other in by_name and by_name[other] not in needs[path]:
                add(by_name[other])
        for other in reversed(needs[path]):
            add(other)
        if path not in order:
            order.append(path)

    for name in names:
        if name in by_name:
            add(by_name[name])
        elif name not in builtin:
            sys.exit(f"modules.py: this kernel has no {name}")
    return order


def main():
    source, listed, section, to = sys.argv[1:]
    target = os.path.join(to, "lib/modules", os.path.basename(source.rstrip("/")))
    order = in_order(read_list(listed, section), source)
    for path in order:
        os.makedirs(os.path.dirname(os.path.join(target, path)), exist_ok=True)
        shutil.copy(os.path.join(source, path), os.path.join(target, path))
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(os.path.join(source, name), os.path.join(target, name))
    print("\n".join(order))


if __name__ == "__main__":
    main()

"""Reads a repomd.xml as one kind of program does and prints what that finds.

Usage: habits.py HABIT REPOMD

One line for each of primary, filelists and other: the type, the path of the
file, and its checksum with the checksum's type ("-" where such programs look at
the path only). Each habit is that of published programs; none knows anything of
deltas. Fails where such a program fails.
"""

import re
import sys
import xml.dom.minidom
import xml.dom.pulldom
import xml.etree.ElementTree as ElementTree
import xml.sax

import xmltodict

TYPES = ("primary", "filelists", "other")
NAMESPACE = "{http://linux.duke.edu/metadata/repo}"


class Depthless(xml.sax.ContentHandler):
    """A state machine that forgets how deep it is: it knows the record that it is
    in and the name of the last element. With `keep_first` the first of equal
    elements counts, otherwise the last."""

    def __init__(self, keep_first):
        super().__init__()
        self.keep_first = keep_first
        self.found = {}
        self.record = None
        self.name = None
        self.text = ""

    def put(self, field, value):
        if self.record is None or (self.keep_first and field in self.record):
            return
        self.record[field] = value

    def startElement(self, name, attributes):
        self.name, self.text = name, ""
        if name == "data":
            self.record = self.found.setdefault(attributes["type"], {})
        elif name == "location":
            self.put("href", attributes["href"])
        elif name == "checksum":
            self.put("kind", attributes["type"])

    def characters(self, content):
        self.text += content

    def endElement(self, name):
        if name == "checksum":
            self.put("sum", self.text.strip())
        elif name == "data":
            self.record = None


def depthless(path, keep_first):
    handler = Depthless(keep_first)
    xml.sax.parse(path, handler)
    for kind in TYPES:
        fields = handler.found[kind]
        yield kind, fields["href"], fields["kind"], fields["sum"]


def sax_first(path):
    return depthless(path, True)


def sax_last(path):
    return depthless(path, False)


def sax_children(path):
    """Counts how deep it is, and takes direct children only."""

    class Handler(xml.sax.ContentHandler):
        def __init__(self):
            super().__init__()
            self.path, self.found, self.text = [], {}, ""

        def startElement(self, name, attributes):
            self.path.append(name)
            self.text = ""
            if self.path == ["repomd", "data"]:
                self.kind = attributes["type"]
                self.found[self.kind] = {}
            elif self.path == ["repomd", "data", "location"]:
                self.found[self.kind]["href"] = attributes["href"]
            elif self.path == ["repomd", "data", "checksum"]:
                self.found[self.kind]["kind"] = attributes["type"]

        def characters(self, content):
            self.text += content

        def endElement(self, name):
            if self.path == ["repomd", "data", "checksum"]:
                self.found[self.kind]["sum"] = self.text.strip()
            self.path.pop()

    handler = Handler()
    xml.sax.parse(path, handler)
    for kind in TYPES:
        fields = handler.found[kind]
        yield kind, fields["href"], fields["kind"], fields["sum"]


def dom_data(path):
    for data in xml.dom.minidom.parse(path).getElementsByTagName("data"):
        if data.getAttribute("type") in TYPES:
            yield data.getAttribute("type"), data


def minidom_first(path):
    """The first of what getElementsByTagName finds at any depth."""
    for kind, data in dom_data(path):
        location = data.getElementsByTagName("location")[0]
        checksum = data.getElementsByTagName("checksum")[0]
        yield kind, location.getAttribute("href"), checksum.getAttribute("type"), checksum.firstChild.data


def minidom_only(path):
    """As minidom_first, and insists that there is no second one."""
    for kind, data in dom_data(path):
        (location,) = data.getElementsByTagName("location")
        (checksum,) = data.getElementsByTagName("checksum")
        yield kind, location.getAttribute("href"), checksum.getAttribute("type"), checksum.firstChild.data


def minidom_children(path):
    """Walks over the child nodes."""
    for kind, data in dom_data(path):
        fields = {node.localName: node for node in data.childNodes if node.nodeType == node.ELEMENT_NODE}
        checksum = fields["checksum"]
        href = fields["location"].getAttribute("href")
        yield kind, href, checksum.getAttribute("type"), checksum.firstChild.data


def pulldom_first(path):
    """Expands one record after the other."""
    events = xml.dom.pulldom.parse(path)
    for event, node in events:
        if event == xml.dom.pulldom.START_ELEMENT and node.tagName == "data":
            events.expandNode(node)
            checksum = node.getElementsByTagName("checksum")[0]
            location = node.getElementsByTagName("location")[0]
            if node.getAttribute("type") in TYPES:
                yield (
                    node.getAttribute("type"),
                    location.getAttribute("href"),
                    checksum.getAttribute("type"),
                    checksum.firstChild.data,
                )


def tree_data(path):
    root = ElementTree.parse(path).getroot()
    for kind in TYPES:
        yield kind, root.find(f"{NAMESPACE}data[@type='{kind}']")


def etree_find(path):
    """ElementTree's find: children."""
    for kind, data in tree_data(path):
        checksum = data.find(f"{NAMESPACE}checksum")
        yield kind, data.find(f"{NAMESPACE}location").get("href"), checksum.get("type"), checksum.text


def etree_anywhere(path):
    """ElementTree's find with `.//`: the first at any depth."""
    for kind, data in tree_data(path):
        checksum = data.find(f".//{NAMESPACE}checksum")
        yield kind, data.find(f".//{NAMESPACE}location").get("href"), checksum.get("type"), checksum.text


def etree_name(path):
    """The first location of the document whose path has the wanted name in it."""
    locations = list(ElementTree.parse(path).getroot().iter(f"{NAMESPACE}location"))
    for kind in TYPES:
        hrefs = [location.get("href") for location in locations]
        yield kind, next(href for href in hrefs if f"{kind}.xml" in href), "-", "-"


def etree_dict(path):
    """Makes a dictionary of the children by their names: the last one counts."""
    for kind, data in tree_data(path):
        fields = {child.tag.split("}")[-1]: child for child in data}
        checksum = fields["checksum"]
        yield kind, fields["location"].get("href"), checksum.get("type"), checksum.text


def dictionaries(path):
    """xmltodict: repeated elements become lists, on which such programs fail."""
    with open(path, "rb") as file:
        document = xmltodict.parse(file)
    records = {data["@type"]: data for data in document["repomd"]["data"]}
    for kind in TYPES:
        checksum = records[kind]["checksum"]
        yield kind, records[kind]["location"]["@href"], checksum["@type"], checksum["#text"]


def regular_expression(path):
    """What follows the type, as little as possible of it, in the usual order."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for kind in TYPES:
        pattern = (
            rf'<data type="{kind}">.*?<checksum type="(\w+)">([0-9a-f]+)</checksum>'
            r'.*?<location href="([^"]+)"'
        )
        found = re.search(pattern, text, re.DOTALL)
        yield kind, found[3], found[1], found[2]


def regular_expression_name(path):
    """The first path that ends as it should."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for kind in TYPES:
        yield kind, re.search(rf'href="([^"]*{kind}\.xml[^"]*)"', text)[1], "-", "-"


HABITS = {
    habit.__name__: habit
    for habit in (
        sax_first,
        sax_last,
        sax_children,
        minidom_first,
        minidom_only,
        minidom_children,
        pulldom_first,
        etree_find,
        etree_anywhere,
        etree_name,
        etree_dict,
        dictionaries,
        regular_expression,
        regular_expression_name,
    )
}


def main():
    habit, path = sys.argv[1:]
    for line in sorted(HABITS[habit](path)):
        print(*line)


main()

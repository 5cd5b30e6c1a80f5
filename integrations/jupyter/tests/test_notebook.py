"""A notebook as a user writes it, run by nbclient and converted by nbconvert."""

import os
import tempfile
import unittest

import nbformat
import support
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

METADATA = {"kernelspec": {"name": "vcsh", "display_name": "vcsh", "language": "vcsh"}}


def run(cells, folder, workspace):
    """The notebook after it ran in `folder`; `workspace` is None where it has to be found."""
    os.environ.pop("VCSH_WORKSPACE", None)
    if workspace:
        os.environ["VCSH_WORKSPACE"] = workspace
    notebook = new_notebook(cells=[new_code_cell(text) for text in cells], metadata=METADATA)
    client = NotebookClient(
        notebook, timeout=300, startup_timeout=120, kernel_name="vcsh", allow_errors=True,
        resources={"metadata": {"path": folder}},
    )
    client.execute()
    nbformat.validate(notebook)
    return notebook


class NotebookTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = support.workspace()
        path = cls.folder.name
        cls.notebook = run(
            [
                f"open {support.CHECKPOINT} as twin\nopen {support.RECORDING} as sim",
                "eval twin on sim/fixrsvp | select cid bits_per_spike rate_hz",
                "eval twin on sim/fixrsvp | plot bits_per_spike",
                "show nosuch",
                'print "still here"',
                "neuron twin 3 on sim/fixrsvp",
            ],
            path,
            None,
        )

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def outputs(self, index):
        return self.notebook.cells[index].outputs

    def result(self, index):
        return next(o for o in self.outputs(index) if o.output_type == "execute_result").data

    def test_table(self):
        """A table comes as text and as HTML."""
        data = self.result(1)
        self.assertIn("bits_per_spike", data["text/plain"])
        self.assertIn("<table>", data["text/html"])

    def test_figure(self):
        """A figure is a picture in the notebook; text stays beside it for those that show none."""
        data = self.result(2)
        self.assertTrue(data["image/svg+xml"].startswith("<svg"))
        self.assertIn("</svg>", data["image/svg+xml"])
        self.assertNotIn("text/html", data)
        self.assertIn("bits_per_spike", data["text/plain"])

    def test_error(self):
        """An error tells what, where and the remedy; the cells behind it run."""
        error = next(o for o in self.outputs(3) if o.output_type == "error")
        self.assertEqual(error.ename, "usage")
        self.assertIn("nosuch", error.evalue)
        self.assertIn("^^^^^^", "\n".join(error.traceback))
        self.assertEqual(self.outputs(4)[0].text, "still here\n")

    def test_report(self):
        """A report keeps its text and shows its figures in their places."""
        data = self.result(5)
        self.assertIn("<h1>", data["text/html"])
        self.assertIn("<svg", data["text/html"])

    def test_convert(self):
        """nbconvert makes a page of it, highlighted by the package's own lexer."""
        from nbconvert import HTMLExporter

        page, _ = HTMLExporter().from_notebook_node(self.notebook)
        self.assertIn("<svg", page)
        self.assertIn('<span class="nf">eval</span>', page)

    def test_no_workspace(self):
        """Without a workspace the cell names the remedy."""
        with tempfile.TemporaryDirectory() as folder:
            notebook = run(["ls"], folder, None)
        error = notebook.cells[0].outputs[0]
        self.assertEqual(error.output_type, "error")
        self.assertIn("vcsh init", "\n".join(error.traceback))


if __name__ == "__main__":
    unittest.main()

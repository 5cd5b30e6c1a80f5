"""Jupyter's own conformance tests for kernels."""

import os
import time
import unittest

import jupyter_kernel_test
import support
from jupyter_client.manager import start_new_kernel

# Machines are busy: the suite's own 15 s are for kernels that start in one.
jupyter_kernel_test.TIMEOUT = 60


class VcshKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "vcsh"
    language_name = "vcsh"
    file_extension = ".vc"
    code_hello_world = 'print "hello, world"'
    code_stderr = "history 1 | save conformance.json"
    completion_samples = [
        {"text": "calib", "matches": {"calibrate"}},
        {"text": "histo", "matches": {"history"}},
        {"text": "history --fai", "matches": {"--failed"}},
    ]
    complete_code_samples = ["1 + 1", "ls | head 3", "let x = [1,\n2]"]
    incomplete_code_samples = ["print (1 +", "ls |", "if true {", 'print "a']
    invalid_code_samples = ["print )", "let = 3"]
    code_generate_error = "show nosuch"
    code_execute_result = [
        {"code": "1 + 1", "result": "2"},
        {"code": "2 * 3.5", "result": "7"},
        {"code": "upper('abc')", "result": "ABC"},
        {"code": "history 1", "mime": "text/html"},
    ]
    code_history_pattern = "1 +*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "calibrate"

    @classmethod
    def setUpClass(cls):
        cls.folder = support.workspace()
        os.environ["VCSH_WORKSPACE"] = cls.folder.name
        cls.km, cls.kc = start_new_kernel(kernel_name=cls.kernel_name, cwd=cls.folder.name, startup_timeout=120)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.cleanup()

    def test_interrupt(self):
        """Interrupting ends what runs, and the session goes on."""
        self.flush_channels()
        self.kc.execute("let kept = 41; for i in range(100000) { for j in range(100000) { let x = $j } }")
        time.sleep(1)
        self.km.interrupt_kernel()
        reply = self.kc.get_shell_msg(timeout=jupyter_kernel_test.TIMEOUT)
        self.assertEqual(reply["content"]["status"], "error")
        self.assertEqual(reply["content"]["ename"], "interrupted")
        time.sleep(0.5)
        self.flush_channels()
        reply, messages = self.execute_helper("$kept + 1", timeout=60)
        self.assertEqual(messages[0]["content"]["data"]["text/plain"], "42")

    def test_cursor_counts_code_points(self):
        """Characters outside the basic plane before the cursor do not shift what is replaced."""
        self.flush_channels()
        text = 'print "🐁é"; histo'
        self.kc.complete(text)
        content = self.get_non_kernel_info_reply(timeout=60)["content"]
        self.assertEqual(content["matches"], ["history"])
        self.assertEqual(text[content["cursor_start"] : content["cursor_end"]], "histo")


if __name__ == "__main__":
    unittest.main()

import Inspection
import Testing

@Suite("Verdicts over classes and functions")
struct VerdictTests {
  @Test(
    "Functions that run programs or code are recognised, also behind dots and in old spellings",
    arguments: [
      ("os", "system"), ("posix", "system"), ("nt", "system"), ("builtins", "eval"), ("__builtin__", "execfile"),
      ("subprocess", "Popen"), ("torch.serialization", "os.system"), ("torch", "serialization.os.system"),
      ("io", "open"), ("builtins", "open"), ("types", "FunctionType"), ("torch.hub", "load"),
      ("importlib", "import_module"), ("operator", "attrgetter"), ("numpy.testing._private.utils", "runstring"),
      ("numpy", "f2py.crackfortran.getlincoef"), ("cloudpickle.cloudpickle", "_make_function"), ("pickle", "loads"),
    ])
  func executes(_ module: String, _ name: String) { #expect(Verdict(module: module, name: name) == .executesCode) }

  @Test(
    "What torch, numpy and Python write for data is plain",
    arguments: [
      ("torch._utils", "_rebuild_tensor_v2"), ("torch", "FloatStorage"), ("torch", "float8_e4m3fn"),
      ("collections", "OrderedDict"), ("numpy._core.multiarray", "_reconstruct"), ("numpy", "dtype"),
      ("pathlib", "PosixPath"), ("builtins", "set"), ("argparse", "Namespace"), ("datetime", "timedelta"),
    ])
  func plain(_ module: String, _ name: String) { #expect(Verdict(module: module, name: name) == .plainData) }

  @Test(
    "All else is unknown",
    arguments: [
      ("models.core", "Core"), ("torch.nn.modules.linear", "Linear"), ("builtins", "getattr"), ("torch", "nn"),
      ("torch._utils", "_rebuild_x.y"), ("collections", "abc"), ("mine", "OrderedDict"),
    ])
  func unknown(_ module: String, _ name: String) { #expect(Verdict(module: module, name: name) == .unknownRecords) }
}

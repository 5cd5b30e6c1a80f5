/// How a file, or a class or function that it names, is to be judged.
public enum Verdict: String, Sendable, Comparable, CaseIterable {
  case plainData = "plain data"
  case unknownRecords = "unknown records"
  case executesCode = "would execute code in Python"

  public static func < (a: Verdict, b: Verdict) -> Bool {
    allCases.firstIndex(of: a) ?? 0 < allCases.firstIndex(of: b) ?? 0
  }

  /// Of a class or function by its module and name. Nothing is looked up: a name is only compared with lists.
  public init(module: String, name: String) {
    let parts = (module + "." + name).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if Self.executes(parts) {
      self = .executesCode
    } else {
      self = Self.isData(module, name) ? .plainData : .unknownRecords
    }
  }

  var consequence: String {
    switch self {
    case .plainData: "makes data only"
    case .unknownRecords: "unknown to vcsh, which keeps a record; Python would import and call it"
    case .executesCode: "can run programs or code, or open files or connections"
    }
  }

  // MARK: What executes code

  /// Modules that run programs and code, at any place of a dotted name: pickles of protocol 4 reach attributes so.
  private static let anywhere: Set<String> = [
    "os", "posix", "nt", "subprocess", "_posixsubprocess", "sys", "ctypes", "_ctypes", "importlib", "pty", "shutil",
    "socket", "_socket", "runpy", "__import__", "__builtins__", "__globals__", "__subclasses__", "__code__",
    "posixpath",
    "ntpath",
  ]
  /// Modules of Python and others that do so as the first part of a name.
  private static let leading: Set<String> = [
    "code", "codeop", "pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "webbrowser",
    "urllib",
    "urllib2", "requests", "http", "httplib", "ftplib", "smtplib", "telnetlib", "asyncio", "multiprocessing",
    "concurrent", "threading", "_thread", "signal", "bdb", "pdb", "profile", "cProfile", "timeit", "trace", "doctest",
    "pydoc", "site", "pip", "setuptools", "distutils", "ensurepip", "venv", "platform", "popen2", "commands", "imp",
    "pkgutil", "zipimport", "inspect", "gc", "atexit", "faulthandler", "tempfile", "fileinput", "glob", "io", "_io",
    "mmap", "linecache", "tarfile", "zipfile", "sqlite3", "idlelib", "lib2to3", "this", "antigravity", "cffi",
    "numexpr",
    "nturl2path", "_xxsubinterpreters", "_interpreters", "shelve", "dbm", "logging", "test", "unittest", "pexpect",
    "paramiko", "fabric", "sh", "plumbum", "IPython",
  ]
  private static let builtins: Set<String> = [
    "eval", "exec", "execfile", "compile", "open", "file", "input", "raw_input", "apply", "reload", "breakpoint",
    "help",
    "globals", "locals", "vars", "setattr", "delattr", "__build_class__", "map", "filter", "exit", "quit",
  ]
  /// Single functions, by module and name.
  private static let functions: Set<String> = [
    "torch.load", "torch.save", "torch.compile", "torch.serialization.load", "torch.serialization.save",
    "torch.storage.load", "torch.utils.cpp_extension.load", "torch.utils.cpp_extension.load_inline",
    "torch._inductor.codecache.PyCodeCache.load", "torch.distributed.rpc", "numpy.load", "numpy.save",
    "numpy.loadtxt", "numpy.savetxt", "numpy.fromfile", "numpy.genfromtxt", "numpy.memmap",
    "numpy.testing._private.utils.runstring", "numpy.testing.runstring", "pandas.read_pickle", "pandas.eval",
    "operator.attrgetter", "operator.methodcaller", "_operator.attrgetter", "_operator.methodcaller",
    "functools.reduce", "_functools.reduce", "types.FunctionType", "types.CodeType", "types.MethodType",
    "types.LambdaType", "itertools.starmap", "uuid._get_command_stdout", "yaml.load", "yaml.unsafe_load",
    "yaml.full_load", "numpy.ctypeslib.load_library",
  ]
  private static let prefixes = [
    "torch.hub.", "torch.jit.", "torch.utils.cpp_extension.", "torch.distributed.", "torch.multiprocessing.",
    "torch._dynamo.", "torch.fx.", "torch.package.", "torch.utils.model_zoo.", "torch.utils.bottleneck.",
    "torch.utils.collect_env.", "torch.utils._config_module.", "torch.testing.", "numpy.f2py.", "numpy.distutils.",
    "numpy.lib.npyio.", "scipy.io.", "keras.", "tensorflow.",
  ]

  private static func executes(_ parts: [String]) -> Bool {
    let full = parts.joined(separator: ".")
    // A class that torch writes for the ranges of dimensions of nested tensors.
    if full == "torch._dynamo.decorators._DimRange" { return false }
    if parts.contains(where: { anywhere.contains($0) }) { return true }
    guard let first = parts.first, let last = parts.last else { return false }
    if leading.contains(first) { return true }
    if first == "builtins" || first == "__builtin__", parts.count > 1, builtins.contains(last) { return true }
    return functions.contains(full) || prefixes.contains { full.hasPrefix($0) }
  }

  // MARK: What makes data only

  private static let dataNames: [String: Set<String>] = [
    "collections": ["OrderedDict", "defaultdict", "Counter", "deque"],
    "builtins": builtinTypes, "__builtin__": builtinTypes,
    "_codecs": ["encode"], "copyreg": ["_reconstructor"], "copy_reg": ["_reconstructor"],
    "argparse": ["Namespace"], "types": ["SimpleNamespace"],
    "datetime": ["date", "time", "datetime", "timedelta", "timezone"],
    "decimal": ["Decimal"], "fractions": ["Fraction"], "uuid": ["UUID", "SafeUUID"], "typing": ["Any"],
    "pathlib": paths, "pathlib._local": paths,
    "torch.storage": ["_load_from_bytes", "UntypedStorage", "TypedStorage"],
    "torch.serialization": ["_get_layout"], "torch._tensor": ["_rebuild_from_type_v2"],
    "torch.nn.parameter": ["Parameter", "Buffer"],
    "numpy": ["dtype", "ndarray", "matrix", "record", "recarray"], "numpy.rec": ["recarray"],
    "numpy.core.multiarray": ["scalar", "_reconstruct"], "numpy._core.multiarray": ["scalar", "_reconstruct"],
    "numpy.core.numeric": ["_frombuffer"], "numpy._core.numeric": ["_frombuffer"],
    "numpy.core._internal": ["_convert_to_stringdtype_kwargs"],
    "numpy._core._internal": ["_convert_to_stringdtype_kwargs"],
    "numpy.ma": ["MaskedArray"], "numpy.ma.core": ["_mareconstruct", "MaskedArray"],
    "pytorch_lightning.utilities.parsing": ["AttributeDict"], "lightning.fabric.utilities.data": ["AttributeDict"],
    "lightning.pytorch.utilities.parsing": ["AttributeDict"], "lightning_fabric.utilities.data": ["AttributeDict"],
  ]
  private static let paths: Set<String> = [
    "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath", "Path", "PurePath",
  ]
  private static let builtinTypes: Set<String> = [
    "set", "frozenset", "list", "dict", "tuple", "bytes", "bytearray", "int", "long", "float", "complex", "str",
    "unicode", "bool", "object", "slice", "range", "xrange", "Ellipsis", "NotImplemented",
  ]

  private static func isData(_ module: String, _ name: String) -> Bool {
    if dataNames[module]?.contains(name) == true { return true }
    switch module {
    case "torch":
      return name.hasSuffix("Storage") || ["Size", "device", "Tensor"].contains(name) || isElementType(name)
    case "torch._utils": return name.hasPrefix("_rebuild_") && !name.contains(".")
    case "numpy": return isElementType(name)
    case "numpy.random._pickle": return name.hasPrefix("__") && name.hasSuffix("_ctor")
    default: return false
    }
  }

  /// `float8_e4m3fn`, `uint16`, `per_tensor_affine`, `sparse_coo`: constants of torch and numpy.
  private static func isElementType(_ name: String) -> Bool {
    let letters = name.prefix { $0.isLetter }
    let isNumber = ["float", "bfloat", "int", "uint", "complex", "bool", "qint", "quint", "bits"].contains {
      $0 == letters
    }
    return isNumber && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      || [
        "half", "double", "long", "short", "per_tensor_affine", "per_channel_affine", "strided", "sparse_coo",
        "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc",
      ].contains(name)
  }
}

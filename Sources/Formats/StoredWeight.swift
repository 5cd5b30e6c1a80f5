import Base
import Foundation

/// What stands under a weight's name in a file of `torch.save`, and how dense numbers are made of it.
enum StoredWeight: Sendable {
  case dense(TensorReference)
  case sparse(SparseTensor)
  /// Nested lists of numbers, row-major.
  case list(shape: [Int], values: [Double])
  /// What it is instead, as in "is stored quantised: dequantise it first", and the remedy.
  case unreadable(String, remedy: String?)

  init(_ value: PickleValue) {
    if let reference = value.tensorReference {
      self = .dense(reference)
    } else if let list = NestedNumbers(value) {
      self = .list(shape: list.shape, values: list.values)
    } else {
      self = StoredWeight.rebuilt(value)
    }
  }

  /// Whether a value is a tensor of any kind, as far as its class tells.
  static func isTensor(_ value: PickleValue) -> Bool {
    if value.tensorReference != nil { return true }
    guard case .object(let module, let name, _, _) = value.kind else { return false }
    return name.hasPrefix("_rebuild_") || name == "Parameter" || module.hasPrefix("torch.")
  }

  var info: ArrayInfo? {
    switch self {
    case .dense(let reference): reference.info
    case .sparse(let tensor): ArrayInfo(shape: tensor.shape, scalar: tensor.values.scalar)
    case .list(let shape, _): ArrayInfo(shape: shape, scalar: .float64)
    case .unreadable: nil
    }
  }

  func stored(in archive: TorchArchive, named name: String) throws -> StoredArray {
    switch self {
    case .dense(let reference): return try archive.stored(reference, name)
    case .sparse(let tensor):
      return try StoredArray(
        tensor.dense(in: archive, named: name), shape: tensor.shape, in: archive.path, place: place(archive, name))
    case .list(let shape, let values):
      return try StoredArray(values, shape: shape, in: archive.path, place: place(archive, name))
    case .unreadable(let what, let remedy):
      throw Failure(.unsupported, "\(archive.path): `\(name)` \(what)", hint: remedy)
    }
  }

  private func place(_ archive: TorchArchive, _ name: String) -> String { "\(archive.path): `\(name)`" }

  /// Calls by which torch rebuilds tensors that are not plain.
  private static func rebuilt(_ value: PickleValue, depth: Int = 0) -> StoredWeight {
    guard case .object(let module, let name, let arguments, _) = value.kind, depth < 8 else {
      return .unreadable("is \(value.kindName), not a tensor", remedy: nil)
    }
    switch name {
    case "_rebuild_parameter", "_rebuild_parameter_with_state", "Parameter", "Buffer":
      if let inner = arguments.first {
        return inner.tensorReference.map { .dense($0) } ?? rebuilt(inner, depth: depth + 1)
      }
    case "_rebuild_sparse_tensor", "_rebuild_sparse_csr_tensor":
      if let tensor = SparseTensor(arguments) { return .sparse(tensor) }
      return .unreadable(
        "is stored sparse: make it dense first", remedy: "in Python: `tensor.to_dense()` before torch.save")
    case "_rebuild_qtensor": return quantised(arguments.first)
    case "_rebuild_meta_tensor_no_storage":
      return .unreadable(
        "has no values: it was saved on the meta device", remedy: "load the weights into the model before torch.save")
    case "_rebuild_nested_tensor":
      return .unreadable("is a nested tensor: pad it first", remedy: "in Python: `tensor.to_padded_tensor(0)`")
    case "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3": return view(arguments)
    case "_rebuild_from_type_v2":
      if let kind = arguments.first, case .global(_, let function) = kind.kind, arguments.count > 2 {
        if function == "_rebuild_qtensor" { return quantised(arguments[2].items?.first) }
        if function == "_rebuild_sparse_tensor", let tensor = SparseTensor(arguments[2].items ?? []) {
          return .sparse(tensor)
        }
        if function.hasPrefix("_rebuild_tensor") { return view(arguments[2].items ?? []) }
      }
    default: break
    }
    return .unreadable(
      "is stored as an object of \(module).\(name), not as a plain tensor",
      remedy: "save it as a plain tensor: `tensor.detach().cpu()`, for quantised ones `tensor.dequantize()`")
  }

  private static func quantised(_ storage: PickleValue?) -> StoredWeight {
    let type = storage?.storageType.map { " (\($0.replacingOccurrences(of: "Storage", with: "").lowercased()))" } ?? ""
    return .unreadable(
      "is stored quantised\(type): dequantise it first", remedy: "in Python: `tensor.dequantize()` before torch.save")
  }

  /// A view of a storage that the reader did not take as dense numbers.
  private static func view(_ arguments: [PickleValue]) -> StoredWeight {
    let type = arguments.first?.storageType ?? ""
    var dtype = ""
    if arguments.count > 6, case .global(_, let name) = arguments[6].kind { dtype = name }
    if type.hasPrefix("Complex") || dtype.hasPrefix("complex") {
      return .unreadable(
        "holds complex numbers: save its real and imaginary parts as two tensors",
        remedy: "in Python: `torch.view_as_real(tensor.resolve_conj())`")
    }
    if type.hasPrefix("Q") || dtype.hasPrefix("q") { return quantised(arguments.first) }
    return .unreadable(
      "has the element type \(dtype.isEmpty ? type : dtype), which vcsh does not read",
      remedy: "in Python: `tensor.float()` before torch.save")
  }
}

/// Where a file holds the bytes of an array, and their layout.
///
/// Shapes: `shape` and `strides` have one entry per axis; strides and `offset` count elements of the storage.
public struct TensorReference: Sendable, Equatable {
  /// Where the elements are.
  public enum Storage: Sendable, Equatable {
    /// A storage of the archive, by its key; several tensors may share one.
    case entry(key: String)
    /// Bytes inside the pickle itself, as numpy arrays are kept.
    case inline([UInt8])
  }

  public var storage: Storage
  public var scalar: ScalarType
  public var shape: [Int]
  public var strides: [Int]
  public var offset: Int
  /// Elements of the storage as the file declares them.
  public var storageCount: Int
  public var isBigEndian: Bool
  /// The tensor holds the negatives of the stored numbers (a lazy view of torch).
  public var isNegated = false

  public var info: ArrayInfo { ArrayInfo(shape: shape, scalar: scalar) }
}

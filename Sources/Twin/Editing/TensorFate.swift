/// What became of a tensor in an edit.
public struct TensorFate: Sendable, Equatable {
  public enum Outcome: String, Sendable, CaseIterable {
    /// It has its values, be it under another name.
    case kept
    /// It has other values: kernels that were edited, or the length of a kernel that was cropped or embedded.
    case changed
    /// It lost channels, or the outer part of its kernels.
    case cropped
    /// It has its values in the centre of larger kernels, among zeros, or as the first of more channels.
    case embedded
    /// It starts as in an untrained twin; in a new block, so that the block changes little (`NewBlock`).
    case new
    /// The edited twin has no place for it.
    case dropped
  }

  public var name: String
  public var outcome: Outcome
  /// Shape in the twin; nil for one that it did not have.
  public var before: [Int]?
  /// Shape in the edited twin; nil for one that was dropped.
  public var after: [Int]?
  /// Its name in the twin, where that is another one.
  public var formerName: String?
  /// How kernels of another size act now, or how a new block starts.
  public var remark: String?
}

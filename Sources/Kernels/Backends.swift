/// The backends there are.
public enum Backends {
  /// Every shape by the method that is fastest for it.
  public static let standard: any Backend = OpenBLASBackend()
  /// The plain path that the faster methods are held against: column products alone.
  public static let plain: any Backend = OpenBLASBackend(methods: [.direct])
}

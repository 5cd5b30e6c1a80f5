/// Sum of absolute values.
public enum L1Penalty: Penalty {
  public static let type = "l1"

  public static func penalty(_ values: [Float], rows: Int) -> (value: Double, gradient: [Float]) {
    (values.reduce(0) { $0 + Double(abs($1)) }, values.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 })
  }
}

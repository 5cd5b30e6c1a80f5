/// Sum of squares, without a factor of one half.
public enum L2Penalty: Penalty {
  public static let type = "l2"

  public static func penalty(_ values: [Float], rows: Int) -> (value: Double, gradient: [Float]) {
    (values.reduce(0) { $0 + Double($1) * Double($1) }, values.map { 2 * $0 })
  }
}

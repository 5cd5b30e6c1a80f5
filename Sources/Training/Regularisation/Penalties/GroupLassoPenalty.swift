/// Euclidean length of the whole tensor, which is one group.
public enum GroupLassoPenalty: Penalty {
  public static let type = "group_lasso"

  public static func penalty(_ values: [Float], rows: Int) -> (value: Double, gradient: [Float]) {
    let length = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    return (length, values.map { length > 0 ? Float(Double($0) / length) : 0 })
  }
}

/// How far the rows of a tensor are from being at right angles to each other.
///
/// Formula: `||N N^T - I||^2` for the tensor as (first axis, rest) with rows scaled to length 1 (at least 1e-12).
/// The diagonal adds nothing; the gradient goes through the scaling.
public enum OrthogonalityPenalty: Penalty {
  public static let type = "ortho"

  private static let smallestLength = 1e-12

  public static func penalty(_ values: [Float], rows: Int) -> (value: Double, gradient: [Float]) {
    guard rows > 0, values.count % rows == 0 else { return (0, [Float](repeating: 0, count: values.count)) }
    let width = values.count / rows
    func row(_ index: Int) -> ArraySlice<Float> { values[index * width..<(index + 1) * width] }
    let lengths = (0..<rows).map { index in
      max(Self.smallestLength, row(index).reduce(0) { $0 + Double($1) * Double($1) }.squareRoot())
    }
    let scaled = (0..<rows).map { index in row(index).map { Double($0) / lengths[index] } }
    var value = 0.0
    var gradient = [Float](repeating: 0, count: values.count)
    for a in 0..<rows {
      // Gradient with respect to the scaled row.
      var slope = [Double](repeating: 0, count: width)
      for b in 0..<rows {
        let product = zip(scaled[a], scaled[b]).reduce(0) { $0 + $1.0 * $1.1 } - (a == b ? 1 : 0)
        value += product * product
        for column in 0..<width { slope[column] += 4 * product * scaled[b][column] }
      }
      let along = zip(slope, scaled[a]).reduce(0) { $0 + $1.0 * $1.1 }
      for column in 0..<width {
        gradient[a * width + column] = Float((slope[column] - along * scaled[a][column]) / lengths[a])
      }
    }
    return (value, gradient)
  }
}

/// The values of a tensor before the first training step.
///
/// Source: torch's own initialisation of convolutions and linear maps, and VisionCore's of all else.
package enum Start: Sendable, Equatable {
  case constant(Float)
  /// These values, row by row.
  case values([Float])
  /// Uniform within 1 / sqrt(fanIn) of 0: torch's start of weights and biases.
  case uniform(fanIn: Int)
  /// Normal with mean 0 and this standard deviation.
  case normal(Double)
  /// Normal, then scaled to length 1.
  case direction
  /// Orthonormal rows, or columns where the tensor has fewer of them than rows (Saxe et al. 2014); rows are the first axis.
  case orthogonal
  /// These filters first; the others are normal under an envelope and of length 1.
  case kernels([[Float]], envelope: [Float])
  /// The values of another tensor.
  case copy(of: String)
  /// Lengths of another tensor's slices along an axis.
  case lengths(of: String, axis: Int)

  /// torch's start of a weight `[out, in, …]`.
  package static func weight(_ shape: [Int]) -> Start { .uniform(fanIn: max(1, shape.dropFirst().reduce(1, *))) }
}

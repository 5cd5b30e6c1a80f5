import Base

/// A tensor of weights in another shape of the same rank.
///
/// Axes from the third on are those of a kernel: it is cropped around its centre, or stands among zeros in the centre of the
/// larger one. On the first two axes channels are matched from the first one on; those that are new take other values.
struct ResizedTensor {
  let tensor: Tensor
  let outcome: TensorFate.Outcome

  /// - Parameter fresh: the values of channels that `old` does not have, in the new shape.
  init(_ old: Tensor, fresh: Tensor) {
    let shape = fresh.shape
    precondition(old.rank == fresh.rank)
    // By axis, for each new position the old one, or where there is none.
    let sources = shape.indices.map { axis in Self.sources(from: old.shape[axis], to: shape[axis], isKernel: axis >= 2)
    }
    var values = fresh.values
    var position = [Int](repeating: 0, count: shape.count)
    for index in values.indices {
      var place = 0
      var isMissing = (channel: false, tap: false)
      for axis in shape.indices {
        if let source = sources[axis][position[axis]] {
          place = place * old.shape[axis] + source
        } else if axis < 2 {
          isMissing.channel = true
        } else {
          isMissing.tap = true
        }
      }
      if !isMissing.channel { values[index] = isMissing.tap ? 0 : old.values[place] }
      for axis in shape.indices.reversed() {
        position[axis] += 1
        if position[axis] < shape[axis] { break }
        position[axis] = 0
      }
    }
    tensor = Tensor(shape: shape, values: values)
    outcome = zip(old.shape, shape).contains { $0 > $1 } ? .cropped : .embedded
  }

  private static func sources(from old: Int, to new: Int, isKernel: Bool) -> [Int?] {
    var shift = 0
    if isKernel { shift = new >= old ? (new - old) / 2 : -((old - new) / 2) }
    return (0..<new).map { index in
      let source = index - shift
      return source >= 0 && source < old ? source : nil
    }
  }
}

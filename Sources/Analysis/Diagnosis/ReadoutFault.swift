import Base
import Formats
import Layers

/// A known fault of a head's Gaussian readout: a positive control for commands that find faults.
package enum ReadoutFault: Sendable, Equatable {
  /// The centres move by this many pixels along both axes, towards the middle of the feature map and across it.
  case shift(Float)
  /// Both widths become this many pixels.
  case width(Float)

  private var part: GaussianReadout.Part {
    switch self {
    case .shift: .mean
    case .width: .std
    }
  }

  /// Whether a head has the numbers that the fault changes.
  package func applies(to source: any ArraySource, head: Int) -> Bool {
    source.info(GaussianReadout.name(part, head: head)) != nil
  }

  /// The changed tensor of the head.
  ///
  /// - Parameter cells: positions of the damaged cells.
  /// - Throws: `mismatch` for a tensor without two numbers for each of `cellCount` cells; what reading it throws.
  package func array(from source: any ArraySource, head: Int, cells: [Int], of cellCount: Int) throws -> NamedArray {
    let name = GaussianReadout.name(part, head: head)
    var tensor = try source.tensor(name)
    guard tensor.count == 2 * cellCount else {
      throw Failure(.mismatch, "\(source.origin): `\(name)` has shape \(tensor.shape) for \(cellCount) cells")
    }
    for index in cells.flatMap({ [2 * $0, 2 * $0 + 1] }) {
      let value = tensor.values[index]
      tensor.values[index] =
        switch self {
        case .shift(let pixels): value + (value > 0 ? -pixels : pixels)
        case .width(let pixels): pixels
        }
    }
    return NamedArray(name, tensor)
  }
}

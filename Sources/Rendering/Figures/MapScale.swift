import Base

/// The range of a map's values and their colours.
///
/// Values of both signs are shown on a symmetric diverging scale: zero is neutral, and equal sizes have colours of equal
/// strength. Other values are shown on a scale from the lowest to the highest.
struct MapScale {
  let low: Double
  let high: Double
  /// Whether zero lies in the middle and is neutral.
  let isSigned: Bool

  /// Nil where no value is finite.
  init?(_ values: [Double]) {
    let known = values.filter(\.isFinite)
    guard let least = known.min(), let most = known.max() else { return nil }
    isSigned = least < 0 && most > 0
    let size = max(-least, most)
    low = isSigned ? -size : least
    high = isSigned ? size : most
  }

  /// 0 at the low end, 1 at the high end; half where all values are equal.
  func share(_ value: Double) -> Double {
    // Divided by 2 before subtracting: the difference of two finite numbers may overflow.
    high > low ? min(1, max(0, (value / 2 - low / 2) / (high / 2 - low / 2))) : 0.5
  }

  /// The colours from the low to the high end, evenly spaced.
  private var stops: [(r: Int, g: Int, b: Int)] { isSigned ? Self.diverging : Self.sequential }

  private static let sequential = [
    (r: 0x44, g: 0x01, b: 0x54), (r: 0x3b, g: 0x52, b: 0x8b), (r: 0x21, g: 0x91, b: 0x8c), (r: 0x5e, g: 0xc9, b: 0x62),
    (r: 0xfd, g: 0xe7, b: 0x25),
  ]
  /// Blue, white, red: distinguishable with every kind of colour blindness.
  private static let diverging = [
    (r: 0x05, g: 0x30, b: 0x61), (r: 0x43, g: 0x93, b: 0xc3), (r: 0xf7, g: 0xf7, b: 0xf7), (r: 0xd6, g: 0x60, b: 0x4d),
    (r: 0x67, g: 0x00, b: 0x1f),
  ]

  /// The colour at a share of the range: `#3b528b`.
  func colour(_ share: Double) -> String {
    let (r, g, b) = mixed(share)
    func hex(_ value: Int) -> String { (value < 16 ? "0" : "") + String(value, radix: 16) }
    return "#" + hex(r) + hex(g) + hex(b)
  }

  /// The nearest of the 216 colours of a terminal's colour cube; shades of grey for values of one sign.
  func terminalColour(_ share: Double) -> Int {
    guard isSigned else { return 232 + min(23, max(0, Int(share * 24))) }
    let (r, g, b) = mixed(share)
    func level(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : min(5, (value - 35) / 40) }
    return 16 + 36 * level(r) + 6 * level(g) + level(b)
  }

  private func mixed(_ share: Double) -> (r: Int, g: Int, b: Int) {
    let place = min(1, max(0, share)) * Double(stops.count - 1)
    let index = min(stops.count - 2, Int(place))
    let part = place - Double(index)
    func mix(_ a: Int, _ b: Int) -> Int { Int((Double(a) + Double(b - a) * part).rounded()) }
    let (a, b) = (stops[index], stops[index + 1])
    return (mix(a.r, b.r), mix(a.g, b.g), mix(a.b, b.b))
  }
}

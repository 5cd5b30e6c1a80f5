import Base
import Foundation

/// Damages a file in the ways in which hostile and broken files differ from good ones.
package struct Mutator {
  private var random: MersenneTwister
  private let original: Data

  package init(_ original: Data, seed: UInt32) {
    self.original = original
    random = MersenneTwister(seed: seed)
  }

  private mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(random.nextWord()) % limit : 0 }

  /// Numbers at which sizes and offsets overflow.
  private static let edges: [[UInt8]] = [
    [0xff], [0x00], [0x7f], [0x80], [0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f],
    [0, 0, 0, 0x80], [0, 0, 0, 0], [UInt8](repeating: 0xff, count: 8),
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    [0, 0, 0, 0, 0, 0, 0, 0x80], Array("-1".utf8), Array("9223372036854775807".utf8), Array("1e999".utf8),
    Array("..".utf8), [0x1b], [0xe9], [0xf0, 0x9f],
  ]

  /// A copy with one to four changes: a byte, a bit, an edge number, a part removed, repeated or moved, an end cut off.
  package mutating func next() -> Data {
    var copy = Array(original)
    for _ in 0...below(4) where !copy.isEmpty {
      // Headers are at the front and at the end.
      let near = 200
      let places = [below(copy.count), below(min(near, copy.count)), copy.count - 1 - below(min(near, copy.count))]
      let place = places[below(3)]
      switch below(8) {
      case 0, 1: copy[place] = UInt8(truncatingIfNeeded: random.nextWord())
      case 2: copy[place] ^= 1 << UInt8(below(8))
      case 3, 4:
        let edge = Self.edges[below(Self.edges.count)]
        for (step, byte) in edge.enumerated() where place + step < copy.count { copy[place + step] = byte }
      case 5: copy.removeSubrange(place..<min(copy.count, place + 1 + below(16)))
      case 6:
        let part = copy[place..<min(copy.count, place + 1 + below(32))]
        copy.insert(contentsOf: part, at: below(copy.count))
      default: copy.removeLast(min(copy.count, below(64)))
      }
    }
    return Data(copy)
  }
}

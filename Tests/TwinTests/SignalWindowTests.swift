import Formats
import Layers
import Testing

@Suite struct SignalWindowTests {
  struct Case: Sendable {
    var kind: String
    var options: [ConfigNode.Entry] = []
    /// First half, by torch 2.13 (`torch.signal.windows`, sym=True) over its maximum.
    var half: [Float]
    var size = 6
  }

  static let cases: [Case] = [
    Case(kind: "hann", half: [0, 0.3819661, 1]),
    Case(kind: "hann", options: [.init("power", .double(0.25))], half: [0, 0.7861513, 1]),
    Case(kind: "hamming", half: [0.0877051, 0.4361707, 1]),
    Case(kind: "blackman", half: [0, 0.13, 0.63, 1], size: 7),
    Case(kind: "bartlett", half: [0, 0.5, 1]),
    Case(kind: "cosine", half: [0.2679492, 0.7320508, 1]),
    Case(
      kind: "kaiser", options: [.init("power", .double(1.5)), .init("beta", .double(6))],
      half: [0.0021409, 0.2329746, 1]),
    Case(kind: "gaussian", options: [.init("std", .double(1.5))], half: [0.2635972, 0.6411804, 1]),
    Case(kind: "exponential", options: [.init("tau", .int(2))], half: [0.3678795, 0.6065307, 1]),
    Case(kind: "nuttall", half: [0.0004545, 0.1384455, 1]),
    Case(kind: "general_hamming", options: [.init("alpha", .double(0.6))], half: [0.2165424, 0.5157965, 1]),
    Case(
      kind: "general_cosine", options: [.init("a", .list([.double(0.5), .double(0.3), .double(0.2)]))],
      half: [0.497198, 0.3051447, 1]),
  ]

  @Test("Values are PyTorch's", arguments: cases) func valuesAreTorchs(_ window: Case) throws {
    let values = try SignalWindow(kind: window.kind, options: .map(window.options)).values(window.size)
    #expect(values.count == window.size)
    for (index, expected) in window.half.enumerated() {
      #expect(abs(values[index] - expected) < 1e-6)
      #expect(abs(values[window.size - 1 - index] - expected) < 1e-6)
    }
  }

  @Test("A Hann window ends in exact zeros") func aHannWindowEndsInExactZeros() throws {
    let values = try SignalWindow(kind: "hann", options: .null).values(9)
    #expect(values.first == 0 && values.last == 0)
  }
}

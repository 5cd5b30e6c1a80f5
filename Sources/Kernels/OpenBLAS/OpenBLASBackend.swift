import Synchronization

/// Convolutions as matrix products of OpenBLAS on the calling thread, by one of three methods.
public struct OpenBLASBackend: Backend {
  /// How a convolution becomes matrix products. Where none of the chosen ones fits, it is done directly.
  public enum Method: Sendable, CaseIterable {
    /// Unrolled columns: any shape.
    case direct
    /// Winograd's minimal filtering F(2x2, 3x3): kernels of 3x3 used taps, stride 1.
    case winograd
    /// Products of spectra: large kernels on small maps, stride 1.
    case frequency
  }

  public let methods: Set<Method>

  public init(methods: Set<Method> = Set(Method.allCases)) { self.methods = methods }

  public var name: String { "OpenBLAS" }

  public func convolution(_ filters: Filters) -> any FrameConvolution {
    OpenBLASConvolution(filters.bank, methods: methods)
  }
}

/// A convolution by one method.
protocol CostedConvolution: FrameConvolution {
  /// Multiply-adds, weighted by what they take here; nil where the method does not fit.
  func cost(_ call: ConvolutionCall) -> Double?
}

/// Chooses the method for each shape.
struct OpenBLASConvolution: FrameConvolution {
  private let bank: FilterBank
  private let direct: DirectConvolution
  private let candidates: [any CostedConvolution]

  init(_ bank: FilterBank, methods: Set<OpenBLASBackend.Method>) {
    self.bank = bank
    direct = DirectConvolution(bank)
    var candidates: [any CostedConvolution] = methods.contains(.direct) ? [direct] : []
    if methods.contains(.winograd) { candidates.append(WinogradConvolution(bank)) }
    if methods.contains(.frequency) { candidates.append(FrequencyConvolution(bank)) }
    self.candidates = candidates
  }

  func add(
    _ input: UnsafePointer<Float>, _ call: ConvolutionCall, to output: UnsafeMutablePointer<Float>, frameStride: Int
  ) {
    guard !bank.time.isEmpty else { return }
    var best: (method: any FrameConvolution, cost: Double)?
    for method in candidates {
      if let cost = method.cost(call), cost < best?.cost ?? .infinity { best = (method, cost) }
    }
    (best?.method ?? direct).add(input, call, to: output, frameStride: frameStride)
  }
}

extension FramePlan {
  /// Products of one frame with one set of taps.
  var termCount: Int { outputs.reduce(0) { $0 + $1.count } }

  /// Number of input frames that are read.
  var inputCount: Int { Set(outputs.flatMap { $0.map(\.input) }).count }
}

/// What a set of taps becomes, made when first needed.
final class Prepared<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let known = Mutex<[Key: Value]>([:])

  func callAsFunction(_ key: Key, _ make: () -> Value) -> Value {
    if let value = known.withLock({ $0[key] }) { return value }
    let value = make()
    return known.withLock { known in
      if let earlier = known[key] { return earlier }
      known[key] = value
      return value
    }
  }
}

/// Convolutions on the calling thread, by one of four methods: three are matrix products of OpenBLAS.
public struct OpenBLASBackend: Backend {
  /// How a convolution is done. Where none of the chosen ones fits, it is done directly.
  public enum Method: Sendable, CaseIterable {
    /// Unrolled columns: any shape.
    case direct
    /// Winograd's minimal filtering F(2x2, 3x3): kernels of 3x3 used taps, stride 1.
    case winograd
    /// Products of spectra: large kernels on small maps.
    case frequency
    /// Sums of shifted planes in registers: few channels, stride 1 in space.
    case shifted
  }

  /// The methods to choose from.
  public let methods: Set<Method>

  /// - Parameter methods: all of them by default.
  public init(methods: Set<Method> = Set(Method.allCases)) { self.methods = methods }

  public var name: String { "OpenBLAS" }

  /// See `Backend`.
  public func convolution(_ filters: Filters) -> any FrameConvolution {
    OpenBLASConvolution(filters.bank, methods: methods)
  }
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
    if methods.contains(.shifted) { candidates.append(ShiftedConvolution(bank)) }
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

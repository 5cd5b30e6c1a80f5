import Base
import Formats
import Layers
import Testing

/// Delay, dilation and pooling of a temporal frontend, by what they are defined as.
@Suite("Options of the frontend along time")
struct TemporalOptionTests {
  private let taps = 3

  private func twin(_ options: [ConfigNode.Entry], _ tensors: [String: Tensor] = [:]) -> TinyTwin {
    var twin = TinyTwin(channels: 1)
    twin.frontend = (
      "learnable_temporal",
      [.init("kernel_size", .int(taps)), .init("num_channels", .int(1)), .init("bias", .bool(false))] + options
    )
    twin.frontendChannels = 1
    twin.tensors = tensors.merging(
      ["frontend.temporal_conv.conv.weight": Tensor(shape: [1, 1, 3, 1, 1], values: [1, -2, 4])]) { first, _ in first }
    return twin
  }

  /// Frame t shows t squared.
  private let ramp = Tensor(shape: [1, 8, 1, 1], values: (0..<8).map { Float($0 * $0) })

  private func output(_ twin: TinyTwin) throws -> [Float] { try twin.stage("s_frontend", ramp).values }

  private func kernels(_ twin: TinyTwin) throws -> TemporalKernel {
    try #require(try twin.network(outChannels: nil).frontendKernels(from: twin.source()).first)
  }

  private func convolved(_ kernel: [Float], step: Int = 1) -> [Float] {
    let count = 8 - (kernel.count - 1) * step
    return (0..<count).map { (time: Int) -> Float in
      var sum: Float = 0
      for tap in kernel.indices { sum += kernel[tap] * ramp.values[time + tap * step] }
      return sum
    }
  }

  @Test("A delay of a bin moves the kernel by a tap, half a bin lies between", arguments: [0, 0.5, 1, -1, -0.25])
  func delay(bins: Double) throws {
    let kernel: [Double] = [1, -2, 4]
    func at(_ index: Double) -> Double { index >= 0 && index < 3 ? kernel[Int(index)] : 0 }
    let expected = (0..<3).map { tap -> Float in
      let place = Double(tap) - bins
      let low = place.rounded(.down)
      let part = place - low
      return Float((1 - part) * at(low) + part * at(low + 1))
    }
    let delayed = twin(
      [.init("delay", .bool(true))],
      ["frontend.temporal_conv.conv.delay": Tensor(shape: [1], values: [Float(bins)])])
    #expect(try kernels(delayed).weights == [expected])
    let own = try output(delayed)
    #expect(own.count == 6 && zip(own, convolved(expected)).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("A delay that is not finite or far too large gives a kernel of zeros")
  func noNumber() throws {
    for value in [Float.nan, .infinity, -1e30] {
      let delayed = twin(
        [.init("delay", .bool(true))], ["frontend.temporal_conv.conv.delay": Tensor(shape: [1], values: [value])])
      #expect(try kernels(delayed).weights == [[0, 0, 0]])
    }
  }

  @Test("Dilation puts frames between taps, and the kernel's lags follow")
  func dilation() throws {
    let dilated = twin([.init("dilation", .int(2))])
    #expect(try output(dilated) == convolved([1, -2, 4], step: 2))
    #expect(try kernels(dilated).lags == [0, 2, 4])
  }

  @Test("Pooling is a mean over older frames; kernels show it; the exponential one falls off by its time constant")
  func pooling() throws {
    let plain = try output(twin([]))
    let mean = twin([.init("temporal_pool", .int(3))])
    let means = try output(mean)
    #expect(plain.count == 6 && means.count == 4)
    for (time, own) in means.enumerated() {
      let sum = plain[time] + plain[time + 1] + plain[time + 2]
      #expect(abs(own - sum / 3) < 1e-4)
    }
    let kernel = try kernels(mean)
    #expect(kernel.lags == [0, 1, 2, 3, 4] && kernel.side == .older)
    let weights = try #require(kernel.weights.first)
    let thirds: [Float] = [1, -1, 3, 2, 4]
    #expect(weights.count == thirds.count)
    for (own, third) in zip(weights, thirds) { #expect(abs(own - third / 3) < 1e-6) }
    let exponential = twin(
      [.init("temporal_pool", .int(2)), .init("temporal_pool_type", .string("exponential"))],
      ["frontend.temporal_pool.rho": Tensor(shape: [1], values: [0.5413])])
    // softplus(0.5413) = 1: a time constant of 1.1 frames.
    let share = 1 / (1 + 0.40289)
    let own = try output(exponential)
    #expect(own.count == 5)
    for (time, value) in own.enumerated() {
      let (newer, older) = (Double(plain[time]), Double(plain[time + 1]))
      let wanted = share * newer + (1 - share) * older
      #expect(abs(Double(value) - wanted) < 1e-2)
    }
  }

  @Test("Options that do not fit are refused with the place or the reason")
  func refusals() throws {
    for (options, words) in [
      ([ConfigNode.Entry("dilation", .int(0))], "frontend.params.dilation"),
      ([.init("temporal_pool", .int(-1))], "frontend.params.temporal_pool"),
      (
        [.init("temporal_pool", .int(2)), .init("temporal_pool_type", .string("max"))], "unknown temporal pooling `max`"
      ),
      ([.init("temporal_pool", .int(7))], "a mean over 7 frames does not fit"),
    ] {
      let failure = try #require(throws: Failure.self) { try output(twin(options)) }
      #expect(failure.message.contains(words), "\(failure.message)")
    }
  }
}

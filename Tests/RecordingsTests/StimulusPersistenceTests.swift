import Base
import Formats
import Recordings
import Testing

@Suite("Frames that last")
struct StimulusPersistenceTests {
  /// 200 frames of 4 x 4 pixels of noise, each shown in `bins` bins.
  private func correlation(bins: Int, isBlank: Bool = false) throws -> Double? {
    var random = MersenneTwister(seed: 5)
    let images = (0..<200).map { _ in (0..<16).map { _ in isBlank ? 127.0 : (random.uniform() * 255).rounded() } }
    let frames = images.flatMap { image in (0..<bins).flatMap { _ in image } }
    let count = frames.count / 16
    let stimulus = try Stimulus(
      name: "noise",
      source: MemorySource([
        "stim": .init(shape: [count, 4, 4], scalar: .uint8, values: frames),
        "robs": .init(shape: [count, 1], scalar: .float32, values: [Double](repeating: 1, count: count)),
      ]), metadata: .map([.init("rate", .double(120))]), configuration: .standard(session: "Rec"))
    return try stimulus.frameCorrelation(Array(0..<count))
  }

  @Test("Neighbouring frames are alike as often as a frame lasts: not at all, in half of the bins, in most of them")
  func correlations() throws {
    let (one, two, ten) = (try correlation(bins: 1), try correlation(bins: 2), try correlation(bins: 10))
    #expect(try abs(#require(one)) < 0.1)
    #expect(try abs(#require(two) - 0.5) < 0.1)
    #expect(try #require(ten) > 0.85)
  }

  @Test("A blank screen has no correlation")
  func blank() throws { #expect(try correlation(bins: 1, isBlank: true) == nil) }
}

import Base
import Foundation
import Testing
import Twin

/// Changes of temporal kernels.
@Suite("Changes of kernels")
struct KernelEditTests {
  private static let all = [Bool](repeating: true, count: 6)
  private static let kernel = [1.0, -2, 4, 3, 0.5, -1]

  private func changed(_ text: String, isLive: [Bool] = all, rateHz: Double? = 120) throws -> [Double] {
    try KernelEdit(text).applied(to: Self.kernel, isLive: isLive, rateHz: rateHz)
  }

  @Test("Taps are zeroed, moved and scaled as written")
  func simple() throws {
    #expect(try changed("zero=2") == [0, 0, 4, 3, 0.5, -1])
    #expect(try changed("shift=2") == [0, 0, 1, -2, 4, 3])
    #expect(try changed("shift=-1") == [-2, 4, 3, 0.5, -1, 0])
    #expect(try changed("scale=-2") == [-2, 4, -8, -6, -1, 2])
  }

  @Test("A kernel without DC sums to 0 over the taps that can have weight, and is the nearest such kernel")
  func zeroSum() throws {
    let isLive = [false, true, true, true, true, false]
    let out = try changed("dc=0", isLive: isLive)
    #expect(abs(out.reduce(0, +)) < 1e-12 && out[0] == 0 && out[5] == 0)
    // The change is the same on every live tap.
    let moves = (1..<5).map { Self.kernel[$0] - out[$0] }
    #expect(moves.allSatisfy { abs($0 - moves[0]) < 1e-12 })
  }

  /// Power at the frequencies of the kernel's Fourier transform, from 0 to half the rate.
  private func power(_ kernel: [Double]) -> [Double] {
    (0...kernel.count / 2).map { wave in
      let angle = 2 * Double.pi * Double(wave) / Double(kernel.count)
      let real = kernel.enumerated().reduce(0) { $0 + $1.element * cos(angle * Double($1.offset)) }
      let imaginary = kernel.enumerated().reduce(0) { $0 + $1.element * sin(angle * Double($1.offset)) }
      return real * real + imaginary * imaginary
    }
  }

  @Test("A low-pass and a high-pass keep the frequencies on their side as they are and take out the others")
  func filters() throws {
    // 6 taps at 120 Hz: 0, 20, 40 and 60 Hz.
    let before = power(Self.kernel)
    let low = power(try changed("lowpass=20"))
    #expect(abs(low[0] - before[0]) < 1e-9 && abs(low[1] - before[1]) < 1e-9 && low[2] < 1e-9 && low[3] < 1e-9)
    let high = power(try changed("highpass=20"))
    #expect(high[0] < 1e-9 && zip(high, before).dropFirst().allSatisfy { abs($0 - $1) < 1e-9 })
    let sum = zip(try changed("lowpass=39"), try changed("highpass=39")).map(+)
    #expect(zip(sum, Self.kernel).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test(
    "Text that is no change of kernels is refused with what is needed",
    arguments: [
      ("zero", "`zero` is not a change of kernels and its number"),
      ("zero=0", "`zero=0`: zero needs a number of taps from 1 on"),
      ("zero=1.5", "`zero=1.5`: zero needs a number of taps from 1 on"),
      ("zero=x", "`zero=x`: zero needs a number of taps from 1 on"),
      ("dc=1", "`dc=1`: dc needs the sum that kernels should have: 0"),
      ("shift=0", "`shift=0`: shift needs a whole number of taps other than 0"),
      ("shift=0.5", "`shift=0.5`: shift needs a whole number of taps other than 0"),
      ("scale=nan", "`scale=nan`: scale needs a number"), ("scale=1e99", "`scale=1e99`: scale needs a number"),
      ("lowpass=-1", "`lowpass=-1`: lowpass needs a frequency from 0 Hz on"),
      ("highpass=0", "`highpass=0`: highpass needs a frequency above 0 Hz"),
      ("blur=3", "`blur` is no change of kernels"), ("=1", "`=1` is not a change of kernels and its number"),
    ] as [(String, String)])
  func refusals(text: String, message: String) {
    let failure = #expect(throws: Failure.self) { try KernelEdit(text) }
    #expect(failure?.kind == .usage && failure?.message == message)
  }

  @Test(
    "Changes for which a kernel has too few taps or frequencies are refused",
    arguments: [
      ("zero=6", "`zero=6` leaves none of the 6 taps"), ("shift=6", "`shift=6` moves the kernels beyond their 6 taps"),
      ("shift=-7", "`shift=-7` moves the kernels beyond their 6 taps"),
      ("lowpass=60", "`lowpass=60`: kernels have frequencies below 60"),
    ] as [(String, String)])
  func noRoom(text: String, message: String) {
    let failure = #expect(throws: Failure.self) { try changed(text) }
    #expect(failure?.kind == .usage && failure?.message.hasPrefix(message) == true)
  }

  @Test("A filter without a rate is refused, and the hint gives the option that sets it")
  func noRate() {
    let failure = #expect(throws: Failure.self) { try changed("lowpass=20", rateHz: nil) }
    #expect(failure?.kind == .undefined && failure?.message.contains("has no sampling_rate") == true)
    #expect(failure?.hint == "--set sampling_rate=120")
  }
}

import Foundation

/// Kernels delayed by a number of taps that need not be whole: towards older frames where it is positive.
///
/// Between taps a kernel is taken as a straight line, beyond its ends as 0: K'[j] = (1 - f) K[j - n] + f K[j - n - 1] for a
/// delay of n + f taps, 0 <= f < 1.
struct KernelDelay {
  let taps: Int

  /// - Shapes: `kernels` `[kernel, tap]`; `delays` one for each equal share of the kernels.
  func applied(to kernels: [Float], _ delays: [Float]) -> [Float] {
    var out = kernels
    forEachKernel(kernels.count, delays) { start, _, whole, part in
      for tap in 0..<taps {
        let value = (1 - part) * at(tap - whole, start, kernels) + part * at(tap - whole - 1, start, kernels)
        out[start + tap] = Float(value)
      }
    }
    return out
  }

  /// From the gradient of the delayed kernels to those of the kernels before and of the delays.
  func pullback(
    _ gradient: [Float], _ kernels: [Float], _ delays: [Float]
  ) -> (kernels: [Float], delays: [Float]) {
    var out = gradient
    var slopes = [Double](repeating: 0, count: delays.count)
    forEachKernel(gradient.count, delays) { start, channel, whole, part in
      for tap in 0..<taps {
        slopes[channel] +=
          Double(gradient[start + tap]) * (at(tap - whole - 1, start, kernels) - at(tap - whole, start, kernels))
        let back = (1 - part) * at(tap + whole, start, gradient) + part * at(tap + whole + 1, start, gradient)
        out[start + tap] = Float(back)
      }
    }
    return (out, slopes.map { Float($0) })
  }

  private func at(_ tap: Int, _ start: Int, _ values: [Float]) -> Double {
    tap >= 0 && tap < taps ? Double(values[start + tap]) : 0
  }

  /// Each kernel's first value, its delay's number, and the delay as whole taps and the part that is left.
  private func forEachKernel(
    _ count: Int, _ delays: [Float], _ body: (_ start: Int, _ channel: Int, _ whole: Int, _ part: Double) -> Void
  ) {
    guard taps > 0, !delays.isEmpty else { return }
    let kernels = count / taps
    let share = max(1, kernels / delays.count)
    for kernel in 0..<kernels {
      let channel = min(kernel / share, delays.count - 1)
      // Further than all taps is as far as that; a delay that is no number leaves no kernel.
      let delay = Double(delays[channel])
      let limited = max(-Double(taps + 1), min(Double(taps + 1), delay.isNaN ? Double(taps + 1) : delay))
      let whole = limited.rounded(.down)
      body(kernel * taps, channel, Int(whole), limited - whole)
    }
  }
}

import Formats
import Layers
import TestSupport
import Testing
import Twin

@Suite("Kernels of frontends over time")
struct TemporalKernelTests {
  func kernels(_ path: String) throws -> [TemporalKernel] {
    let checkpoint = try Checkpoint(path: Fixtures.path(path))
    let architecture = try TwinArchitecture(configuration: try #require(checkpoint.configuration), source: checkpoint)
    return try TwinNetwork(architecture: architecture, source: checkpoint, heads: [0]).frontendKernels(from: checkpoint)
  }

  @Test(
    "Kernels are the effective ones, with the window",
    arguments: [("twin/twin.ckpt", "twin/after"), ("twin_lag0/twin_lag0.ckpt", "twin_lag0/after")])
  func effective(path: String, name: String) throws {
    let expected = try NpzArchive(path: Fixtures.path("twin_lag0/kernels.npz")).tensor(name).values
    let kernels = try kernels(path)
    #expect(kernels.map(\.lags) == [[Int]](repeating: Array(0..<12), count: 4))
    #expect(kernels.allSatisfy { $0.side == .older })
    let weights = kernels.flatMap { $0.weights.flatMap { $0 } }
    #expect(weights.count == expected.count)
    #expect(zip(weights, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test("A window that is 0 at its ends holds the taps there; without one none is held")
  func held() throws {
    let windowed = try kernels("twin/twin.ckpt")
    let free = try kernels("twin_lag0/twin_lag0.ckpt")
    #expect(windowed.count == 4 && free.count == 4)
    for kernel in windowed {
      #expect(kernel.heldTaps == [0, 11] && kernel.zeroTaps == [0, 11])
      #expect(kernel.heldReason == "the hann window is 0 there")
    }
    #expect(free.allSatisfy { $0.heldTaps.isEmpty && $0.zeroTaps.isEmpty })
  }

  @Test("A basis reads towards newer frames, from its stored buffer, with nothing on its own step")
  func basis() throws {
    let kernels = try kernels("zoo/syn_temporal_basis_log_dense_splitgain/model.ckpt")
    let stored = try Checkpoint(path: Fixtures.path("zoo/syn_temporal_basis_log_dense_splitgain/model.ckpt"))
      .tensor("frontend.basis").values
    #expect(kernels.count == 6)
    for (index, kernel) in kernels.enumerated() {
      #expect(kernel.side == .newer && kernel.fixed != nil)
      // The buffer is reversed in time.
      #expect(kernel.weights == [Array(stored[index * 10..<(index + 1) * 10].reversed())])
      #expect(kernel.zeroTaps.contains(0))
    }
  }

  @Test("Adaptation has a filter that is divided and one that divides; only fixed ones can't move")
  func adaptation() throws {
    let learned = try kernels("zoo/syn_da_learnable_resnet_stride_post/model.ckpt")
    #expect(learned.map(\.name) == ["y", "z (divides)"])
    #expect(learned.allSatisfy { $0.side == .newer && $0.fixed == nil && $0.lags.count == 10 })
    let fixed = try kernels("zoo/syn_affine_da_fixed_vanilla_depthwise/model.ckpt")
    #expect(!fixed.isEmpty && fixed.allSatisfy { $0.fixed != nil })
  }

  @Test("A causal convolution block reads newer frames; a split frontend names its halves")
  func blocks() throws {
    let block = try kernels("zoo/syn_convfront_none_gru2_adaptive/model.ckpt")
    #expect(block.count == 4 && block.allSatisfy { $0.side == .newer && $0.lags == [0, 1, 2] })
    let split = try kernels("zoo/syn_lt_bias_splitmp_noaa/model.ckpt")
    #expect(
      split.map(\.name) == ["filter 0 (fine)", "filter 1 (fine)", "filter 2 (coarse)", "filter 3 (coarse)"])
  }

  @Test("A twin without a frontend has none")
  func none() throws {
    #expect(try kernels("zoo/modulator_only_convgru/model.ckpt").isEmpty)
  }
}

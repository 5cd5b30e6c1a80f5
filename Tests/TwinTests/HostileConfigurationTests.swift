import Base
import Formats
import TestSupport
import Testing
import Twin

/// Whatever a file's configuration says, a twin opens and runs, or fails with a line; it never stops the process.
@Suite struct HostileConfigurationTests {
  private static let values: [ConfigNode] = [
    .null, .bool(true), .int(0), .int(-1), .int(3), .int(1 << 40), .int(.max), .double(.nan), .double(1e300),
    .string("x"), .list([]), .list([.int(1), .int(-2), .int(7)]), .map([]),
  ]

  @Test(
    "Any value at any place is used or refused with a message",
    arguments: [
      "ser_legacy", "syn_pools_se_aablur_locatt", "syn_temporal_basis_log_dense_splitgain", "syn_v1_single_film",
      "syn_history_plainmlp", "syn_affine_da_fixed_vanilla_depthwise",
    ]) func anyValueAtAnyPlaceIsUsedOrRefused(_ name: String) throws
  {
    let zoo = ZooCase(name)
    let checkpoint = try zoo.checkpoint()
    let configuration = try zoo.configuration()
    let heads = try zoo.heads()
    let input = try zoo.input(head: 0)
    let shape = try #require(input.stimulus).shape
    let one = TwinInput(
      stimulus: input.stimulus?[rows: 0..<1], behavior: input.behavior?[rows: 0..<1],
      history: input.history?[rows: 0..<1])
    var refused = 0
    for path in Self.leaves(configuration, "") {
      for value in Self.values {
        let changed = configuration.setting(path, to: value)
        do {
          let architecture = try TwinArchitecture(configuration: changed, source: checkpoint, heads: heads)
          _ = try architecture.tree(input: Array(shape.dropFirst()))
          _ = try TwinNetwork(architecture: architecture, source: checkpoint).forward(one, head: 0)
        } catch let failure as Failure {
          refused += 1
          #expect(!failure.message.isEmpty)
        }
      }
    }
    // A model type of 3, for one, is refused.
    #expect(refused > 0)
  }

  @Test("Any number in a tensor is used or refused", arguments: [Float.nan, .infinity, -.infinity, 1e38, -1e38, 0])
  func anyNumberInATensorIsUsedOrRefused(
    _ value: Float
  )
    throws
  {
    for name in ["ser_legacy", "syn_affine_da_fixed_vanilla_depthwise", "syn_da_learnable_resnet_stride_post"] {
      let zoo = ZooCase(name)
      let checkpoint = try zoo.checkpoint()
      let architecture = try zoo.architecture()
      var input = try zoo.input(head: 0)
      input.stimulus = input.stimulus?[rows: 0..<1]
      for tensor in checkpoint.arrayNames {
        guard let info = checkpoint.info(tensor) else { continue }
        let source = ChangedSource(
          checkpoint,
          replacing: [tensor: Tensor(shape: info.shape, values: [Float](repeating: value, count: info.count))])
        do {
          _ = try TwinNetwork(architecture: architecture, source: source).forward(input, head: 0)
        } catch let failure as Failure {
          #expect(!failure.message.isEmpty)
        }
      }
    }
  }

  private static func leaves(_ node: ConfigNode, _ path: String) -> [String] {
    func below(_ key: String) -> String { path.isEmpty ? key : path + "." + key }
    switch node {
    case .map(let entries): return [path] + entries.flatMap { leaves($0.value, below($0.key)) }
    case .list(let items): return [path] + items.enumerated().flatMap { leaves($1, below(String($0))) }
    default: return [path]
    }
  }
}

/// A layer in the picture of a twin: what it is, what comes out of it, what it holds.
public struct ArchitectureNode: Sendable, Equatable {
  public var name: String
  /// `3x9x9 conv, weight norm, hann window`
  public var detail: String
  /// `[channel, time, height, width]`; `[cell]` for a readout; nil where a sample has no fixed shape there.
  public var outputShape: [Int]?
  /// Trained values under this node; buffers are not counted.
  public var parameterCount: Int
  /// Names of all tensors under this node, buffers too.
  public var parameterNames: [String]
  public var children: [ArchitectureNode]

  public init(
    name: String, detail: String, outputShape: [Int]?, parameterCount: Int, parameterNames: [String],
    children: [ArchitectureNode] = []
  ) {
    self.name = name
    self.detail = detail
    self.outputShape = outputShape
    self.parameterCount = parameterCount
    self.parameterNames = parameterNames
    self.children = children
  }

  /// The node of a layer whose parts are known.
  package init(_ layer: any Layer, output: FeatureShape, children: [ArchitectureNode]) {
    self.init(
      name: layer.name, detail: layer.detail,
      outputShape: [output.channels, output.time, output.height, output.width], tensors: layer.tensors,
      children: children.map { child in
        var child = child
        let prefix = layer.name + "."
        if child.name.hasPrefix(prefix) { child.name = String(child.name.dropFirst(prefix.count)) }
        if child.name.hasPrefix("components.") { child.name = String(child.name.dropFirst("components.".count)) }
        return child
      })
  }

  package init(name: String, detail: String, outputShape: [Int]?, tensors: [StoredTensor], children: [ArchitectureNode])
  {
    self.init(
      name: name, detail: detail, outputShape: outputShape,
      parameterCount: tensors.reduce(0) { $0 + ($1.isBuffer ? 0 : $1.count) }
        + children.reduce(0) { $0 + $1.parameterCount },
      parameterNames: tensors.map(\.name) + children.flatMap(\.parameterNames), children: children)
  }
}

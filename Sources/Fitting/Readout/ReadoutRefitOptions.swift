/// How a readout is fitted.
public struct ReadoutRefitOptions: Sendable, Equatable {
  /// Which numbers of a readout a fit may change.
  public enum Part: String, Sendable, CaseIterable {
    /// Feature weights, bias, centre, widths and angle.
    case both
    /// Feature weights and bias, at the place where the readout is.
    case features
    /// Centre, widths, angle and bias, with the feature weights that the readout has.
    case place
    /// One factor of all feature weights, and the bias.
    case gain
  }

  /// Penalty on the sum of the squared feature weights, added to the mean loss in nats per bin.
  public var l2: Double
  /// The same by cell; `l2` for all where empty.
  public var l2ByCell: [Double] = []
  /// Penalty on the sum of the feature weights' sizes.
  public var l1 = 0.0
  /// The same by cell; `l1` for all where empty.
  public var l1ByCell: [Double] = []
  /// Penalty on the length of each channel's feature weights over all cells, added to the sum of the cells' losses: the cells leave
  /// out channels together.
  public var groupLasso = 0.0
  /// Penalty on the length of all feature weights of all cells together, added to the sum of the cells' losses with their `shares`;
  /// `groupLasso` has no meaning beside it. Where it outweighs what the cells read, all weights become 0.
  public var wholeLasso = 0.0
  /// By cell: the factor of its loss, penalties included, in the sum that `wholeLasso` is added to; 1 for all where empty.
  public var shares: [Double] = []
  /// Penalty on the roughness of a Gaussian, (1/stdY² + 1/stdX²) / 2 with widths in pixels of the feature map: the mean square
  /// of its slope over its own, both integrated over the plane.
  public var smoothness = 0.0
  /// Penalty on the squared distance of gain and bias from what they were; for `Part.gain` only.
  public var pull = 0.0
  /// Upper limit of the widths, in pixels of the feature map; that of the map where nil.
  public var largestStd: Double?
  /// Power of the inverse mean rate with which cells are weighted: `InverseRateWeights`. A cell's readout depends on it
  /// where there is another term in its loss.
  public var rateWeight = 0.0
  /// Factor of the term 1 - r, Pearson's correlation over the training rows.
  public var correlation = 0.0
  public var part = Part.both
  /// Starting points per cell: the best of a grid of centres and widths, the last one drawn at random.
  public var starts: Int
  public var seed: UInt32
  /// Evaluations of the loss per start.
  public var maxIterations: Int
  /// Bytes of features up to which they are kept in memory between iterations; more are streamed from the source.
  public var memoryLimit: Int
  /// Numbers of features above which a fit saves passes over them: its steps are cheaper, and its starts are chosen on a part of the rows.
  package var largeSize = 1 << 25

  public init(
    l2: Double = 0, starts: Int = 4, seed: UInt32 = 1002, maxIterations: Int = 2000, memoryLimit: Int = 1 << 30
  ) {
    self.l2 = l2
    self.starts = starts
    self.seed = seed
    self.maxIterations = maxIterations
    self.memoryLimit = memoryLimit
  }

  /// Lower limit of the widths, in pixels of the feature map.
  package static var smallestStd: Double { ReadoutParameters.smallestStd }

  func share(of cell: Int) -> Double { shares.isEmpty ? 1 : shares[cell] }
  func l1(of cell: Int) -> Double { l1ByCell.isEmpty ? l1 : l1ByCell[cell] }
  func l2(of cell: Int) -> Double { l2ByCell.isEmpty ? l2 : l2ByCell[cell] }
}

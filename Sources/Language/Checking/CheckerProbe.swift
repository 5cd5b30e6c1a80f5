/// Records what the checker knows at a certain place in a program, which a special command marks.
protocol CheckerProbe: AnyObject {
  /// The word of the command that marks the place.
  var command: String { get }

  /// - Parameter input: the type of the piped value; nil where nothing is piped.
  func meet(variables: [String: StaticType], definitions: [String: Definition], input: StaticType?)
}

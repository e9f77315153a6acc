using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests.Phases.Parts;

/// <summary>Steps that cordon at once, in every order in which the API server can be asked by them.</summary>
public sealed class CordonRaceTests
{
    // What a node is held for, once its cordon stands.
    private static readonly TimeSpan Drained = TimeSpan.FromMinutes(3);

    private readonly TestCluster _cluster = new();
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);

    // Count, cordon, count again, and where that is too many, give back: four requests each.
    [Fact]
    public void OfTwoNeverBothGoOnAndBothGetTheirTurnInEveryOrderOfTheirRequests()
    {
        foreach (var order in Orders([4, 4]))
        {
            Race(order, maxUnavailable: 1, "k8s-node3", "k8s-node4");
        }

        _problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void OfThreeNeverMoreGoOnThanMayBeAwayAndAllGetTheirTurn(int maxUnavailable)
    {
        var chance = new Random(7);
        foreach (var order in Orders([3, 3, 3]).Where(_ => chance.Next(40) == 0))
        {
            Race(order, maxUnavailable, "k8s-node2", "k8s-node3", "k8s-node4");
        }

        _problems.ShouldBeEmpty();
    }

    private void Race(IReadOnlyList<int> order, int maxUnavailable, params IReadOnlyList<string> nodes)
    {
        var turns = new Turns(order);
        var steps = nodes.Select((node, who) => StepAsync(node, who)).ToList();
        try
        {
            _cluster.Run(Task.WhenAll(steps));
        }
        catch (AbortException e)
        {
            _problems.Add($"{string.Join("", order)}: {e.Message}");
        }

        async Task StepAsync(string node, int who)
        {
            var api = new KubeApi(new HttpClient(new InTurn(_cluster.Sim.Network(), turns, who)) { BaseAddress = TestCluster.ApiServer, Timeout = Timeout.InfiniteTimeSpan }, _cluster.Wait, _ => { });
            var cordons = new Cordons(api, new NodeList(api), Given.Names, _cluster.Marks);
            await new NodesAway(new NodeList(api), cordons, _cluster.Marks, _cluster.Wait, maxUnavailable, TimeSpan.FromMinutes(30), _ => { }).CordonAsync(node, Given.Run, [], default);
            turns.Leave(who);
            _held.Add(node);
            if (_held.Count > maxUnavailable)
            {
                _problems.Add($"{string.Join("", order)}: {string.Join(" and ", _held)} at once");
            }

            await _cluster.Wait.ForAsync(Drained, default);
            _held.Remove(node);
            await cordons.GiveBackAsync(node, isByItsStep: true, default);
        }
    }

    // Every order of so many requests of each.
    private static IEnumerable<IReadOnlyList<int>> Orders(int[] left)
    {
        if (left.All(count => count == 0))
        {
            yield return [];
        }

        for (var who = 0; who < left.Length; who++)
        {
            if (left[who] > 0)
            {
                foreach (var rest in Orders([.. left.Select((count, index) => index == who ? count - 1 : count)]))
                {
                    yield return [who, .. rest];
                }
            }
        }
    }

    /// <summary>Whose request is the next one to be answered, until the order is over; then it is whoever comes.</summary>
    private sealed class Turns(IEnumerable<int> order)
    {
        private readonly Queue<int> _order = new(order);
        private readonly List<(int Who, TaskCompletionSource Come)> _waiting = [];
        public async Task ComeAsync(int who)
        {
            if (!IsTurnOf(who))
            {
                var come = new TaskCompletionSource();
                _waiting.Add((who, come));
                await come.Task;
            }
        }

        public void Answered()
        {
            _order.TryDequeue(out _);
            WakeNext();
        }

        /// <summary>One has what it wanted, and asks no more: the others are not held up for it.</summary>
        public void Leave(int who)
        {
            var others = _order.Where(each => each != who).ToList();
            _order.Clear();
            others.ForEach(_order.Enqueue);
            WakeNext();
        }

        private bool IsTurnOf(int who) => !_order.TryPeek(out var next) || next == who;

        private void WakeNext()
        {
            foreach (var (who, come) in _waiting.Where(each => IsTurnOf(each.Who)).ToList())
            {
                _waiting.Remove((who, come));
                come.SetResult();
            }
        }
    }

    private sealed class InTurn(HttpMessageHandler inner, Turns turns, int who) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await turns.ComeAsync(who);
            var answer = await base.SendAsync(request, cancellationToken);
            turns.Answered();
            return answer;
        }
    }
}

using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.StepRunner.Settings;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests.State;

public sealed class QuiescedTests
{
    private readonly TestCluster _cluster = new();
    private readonly List<string> _said = [];

    [Fact]
    public void WhatStoodStillGetsBackItsOwnFormerCount()
    {
        Take();
        Replicas.ShouldBe(0);
        _cluster.Run(Quiesced().LeftAsync(default)).ShouldBe([new ObjectName("default", "web")]);

        GiveBack();
        Replicas.ShouldBe(3);
        _cluster.Run(Quiesced().LeftAsync(default)).ShouldBeEmpty();
        _said.ShouldBe(["Deployment default/web quiesced: 3 replicas to 0", "Deployment default/web given back its 3 replicas"]);
    }

    [Fact]
    public void ASecondTakeDoesNotOverwriteTheCount()
    {
        Take();
        Take();
        GiveBack();

        Replicas.ShouldBe(3);
    }

    [Fact]
    public void TheNextPodGivesBackWhatAKilledOneTook()
    {
        var killed = Quiesced();
        _cluster.Run(killed.TakeAsync(default));

        _cluster.Run(Quiesced().GiveBackAsync(default));

        Replicas.ShouldBe(3);
    }

    [Fact]
    public void WhatSomebodyScaledUpMeanwhileStandsStillAgainAndGetsBackItsFormerCount()
    {
        Take();
        Scale(1);

        Take();
        Replicas.ShouldBe(0);
        GiveBack();
        Replicas.ShouldBe(3);
    }

    [Fact]
    public void WhatHadNoReplicasGetsNone()
    {
        Scale(0);

        Take();
        GiveBack();

        Replicas.ShouldBe(0);
    }

    [Fact]
    public void AChangeOfItsStatusBetweenReadingAndWritingDoesNotKeepItFromBeingTaken()
    {
        _cluster.Before(IsPatch, () => _cluster.Annotate(Kinds.Deployment, "default", "web", ("example.com/note", "1")));

        Take();

        Replicas.ShouldBe(0);
    }

    [Fact]
    public void AChangeOfItsStatusBetweenReadingAndWritingDoesNotKeepItFromBeingGivenBack()
    {
        Take();
        _cluster.Before(IsPatch, () => _cluster.Annotate(Kinds.Deployment, "default", "web", ("example.com/note", "1")));

        GiveBack();

        Replicas.ShouldBe(3);
    }

    [Fact]
    public void ScaledByAPersonInTheSameMomentThePersonsCountIsTheFormerOne()
    {
        _cluster.Before(IsPatch, () => Scale(5));

        Take();
        GiveBack();

        Replicas.ShouldBe(5);
    }

    [Fact]
    public void OneThatIsNotThereIsSaidAndLeftOut()
    {
        var quiesced = new Quiesced(_cluster.Api, [new ObjectName("default", "nothing"), new ObjectName("default", "web")], Given.Names, _said.Add);

        _cluster.Run(quiesced.TakeAsync(default));

        _said[0].ShouldBe("Deployment default/nothing of setting quiesce is not there; nothing to quiesce");
        Replicas.ShouldBe(0);
    }

    [Fact]
    public void ACountThatCannotBeReadIsAnErrorAndNoGuess()
    {
        _cluster.Annotate(Kinds.Deployment, "default", "web", ("viktorbarzin.me/k8s-upgrade-replicas", "many"));

        _cluster.FailureOf(Quiesced().GiveBackAsync(default)).ShouldBe(
            "Deployment default/web has viktorbarzin.me/k8s-upgrade-replicas=\"many\", which is no number of replicas; scale it yourself and take the annotation away");
    }

    private int Replicas => _cluster.Sim.Find(Kinds.Deployment, "default", "web").Number("spec", "replicas");

    private static bool IsPatch(ApiCall call) => call is { Verb: "patch", Resource: "deployments" };

    private void Take() => _cluster.Run(Quiesced().TakeAsync(default));

    private void GiveBack() => _cluster.Run(Quiesced().GiveBackAsync(default));

    private void Scale(int replicas) => _cluster.Sim.Registry.Change(Kinds.Deployment, "default", "web", body => body["spec"]!["replicas"] = replicas);

    private Quiesced Quiesced() => new(_cluster.Api, [new ObjectName("default", "web")], Given.Names, _said.Add);
}

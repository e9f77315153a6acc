using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Authentication;
using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner;

/// <summary>The three seams as they are outside of rehearsals and tests: sockets, the <c>ssh</c> program, the machine's clock.</summary>
internal sealed class RealWorld(IReadOnlyDictionary<string, string> environment) : IAsyncDisposable
{
    private SshShell? _shell;

    /// <exception cref="UsageException">No cluster is known, or what is known of it is not enough.</exception>
    public Outside Open(StepperSettings settings)
    {
        try
        {
            var connection = KubeConnection.Find(environment.GetValueOrDefault, kubeConfig: null, context: null, TimeProvider.System);
            var network = new OutsideHandler(connection, settings.CaFile, environment.GetValueOrDefault);
            _shell = new SshShell(
                new Cluster.NodeShell.SshSettings(settings.Ssh.User, settings.Ssh.Port, settings.Ssh.KeyFile, settings.Ssh.ConnectTimeout), Keys(settings, network, connection.Address));
            return new Outside(network, connection.Address, _shell, TimeProvider.System);
        }
        catch (KubeConfigException e)
        {
            throw new UsageException(e.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_shell is not null)
        {
            await _shell.DisposeAsync();
        }
    }

    // The operator's own list, where there is one, is the only one that counts.
    private static HostKeys Keys(StepperSettings settings, HttpMessageHandler network, Uri apiServer)
    {
        if (File.Exists(settings.Ssh.KnownHostsFile))
        {
            return HostKeys.Given(File.ReadAllText(settings.Ssh.KnownHostsFile));
        }

        var api = new KubeApi(
            new HttpClient(network, disposeHandler: false) { BaseAddress = apiServer, Timeout = Timeout.InfiniteTimeSpan }, new Wait(TimeProvider.System), _ => { });
        return new KnownNodes(api, settings.Namespace).Keys;
    }
}
